"""Every query of the centre's database, a module a subject. Only services call it; models stay inside."""
