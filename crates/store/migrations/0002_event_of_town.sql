-- The last event that is about no entry: people, departments, years and settings are as they were since.
create index event_of_town on event (municipality_id, seq) where entry_id is null;
