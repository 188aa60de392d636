config = {"type": "cron", "name": "Syntax"
