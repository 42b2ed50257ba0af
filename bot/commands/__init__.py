"""What people type, read into commands or problems. Pure; imports domain only."""
