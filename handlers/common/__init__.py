"""What several listeners share: the guard around each, opening the form, the prologue of a press."""
