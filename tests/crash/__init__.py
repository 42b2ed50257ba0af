"""The crash test: the bot is killed again and again while people order trunks and both sides misbehave."""
