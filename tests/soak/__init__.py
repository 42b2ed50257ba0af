"""The soak: many people at a steady pace for minutes, while both sides misbehave now and then."""
