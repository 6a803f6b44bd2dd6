"""What hostile notebooks try: each file is a cell; its first line says what it is after."""
