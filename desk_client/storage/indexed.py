"""The index of words beside one that is made anew in memory: the only way to see what an index without texts holds."""

from collections.abc import Iterable

from peewee import Database

EXPECTED = (
    "DROP TABLE IF EXISTS temp.expected_words",
    "CREATE VIRTUAL TABLE temp.expected_words USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.expected USING fts5vocab(temp, expected_words, instance)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.held USING fts5vocab(main, dossier_words, instance)",
)
INSERTION = "INSERT INTO temp.expected_words (rowid, words) VALUES (?, ?)"
DIFFERENCES = (
    "SELECT EXISTS (SELECT term, doc FROM temp.held EXCEPT SELECT term, doc FROM temp.expected)",
    "SELECT EXISTS (SELECT term, doc FROM temp.expected EXCEPT SELECT term, doc FROM temp.held)",
)


def is_index_of(database: Database, texts: Iterable[tuple[int, str]]) -> bool:
    """Whether the index holds the words of these texts by their numbers, and no other."""
    for statement in EXPECTED:
        database.execute_sql(statement)
    for number, text in texts:
        database.execute_sql(INSERTION, (number, text))
    return not any(database.execute_sql(statement).fetchone()[0] for statement in DIFFERENCES)
