"""The peer's one application: departments and their sheets."""
