"""What the marks of users do in a study."""
