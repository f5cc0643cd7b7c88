"""What happened, to be marked in charts: deploys, settings that changed, what staff did to many,
and what somebody noted."""
