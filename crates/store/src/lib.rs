//! The place of the store: sheets, revisions and events in SQLite or PostgreSQL. Empty until entry begins.
