"""What people see in Slack: words, messages, modals, escaping. Pure."""
