"""What nobody asked about yet: secrets and personal data in projects, and errors that rise."""
