"""Names of the formats of samples; imports nothing, so that a shell can complete them at once."""

#: Formats by name, each with the suffix that chooses it; a format without one is chosen by its name.
FORMATS = {
    **{name: f".{name}" for name in ("csv", "tsv", "parquet", "npz", "png", "txt", "zip")},
    "arrow": ".arrow",
    "jsonl": ".jsonl",
    "webdataset": ".tar",
    "midi": ".mid",
    "datasets": "",
}
