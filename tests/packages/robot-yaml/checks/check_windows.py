raise SystemExit("not on this system")
