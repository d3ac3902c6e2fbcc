"""Every query of the desk's database, a module a subject. Only services call it; models stay inside."""
