"""Everything SQL: connection set-up, the schema and its migrations, and one module for each group of tables.

Nobody above this room writes SQL or sees a connection.
"""
