"""The background job and what it shows and tells: schedule, health, web, notices."""
