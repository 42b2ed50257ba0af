"""The settings: read from the environment and `.env`, checked at the start. Imports domain only."""
