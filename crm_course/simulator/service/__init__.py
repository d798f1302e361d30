"""The service room: failures, complaints, contacts, the hotline, the community, and what they do to staying."""
