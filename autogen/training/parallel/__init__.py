"""One trial on several ranks: processes that train its model together."""
