"""Text and layout as Block Kit: lines, reports, blocks. Pure; imports domain only."""
