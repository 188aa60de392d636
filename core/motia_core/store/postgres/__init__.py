"""The store on PostgreSQL, which several cores may share. Imported only when the settings name a database."""
