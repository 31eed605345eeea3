"""Tables: columns of numbers, categories, dates and identifiers."""
