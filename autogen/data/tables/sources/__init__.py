"""Sources of tables: files, databases and objects in memory, and how tables are written."""
