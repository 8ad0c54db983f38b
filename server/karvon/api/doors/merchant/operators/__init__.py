"""What the operators of the platform do: `/api/admin/`."""
