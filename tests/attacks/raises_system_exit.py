# Leaves by the front door.
raise SystemExit(0)
