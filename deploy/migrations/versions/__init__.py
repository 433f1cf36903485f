"""One file a change of the tables. A file that was released is never changed again."""
