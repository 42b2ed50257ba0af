"""What an operation, a policy, a record is: the ground that everything stands on. Pure."""
