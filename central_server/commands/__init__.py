"""Commands of the centre by subject: each module gives click commands, which `__main__` names; they call services."""
