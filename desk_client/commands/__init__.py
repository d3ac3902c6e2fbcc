"""Commands of the desk by subject: each module gives click commands that `__main__` registers; they call services."""
