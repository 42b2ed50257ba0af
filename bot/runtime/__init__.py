"""What any program needs: clock, tasks, log, metrics, shutdown. Imports domain only."""
