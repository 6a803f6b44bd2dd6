# Survives a polite interrupt, as an honest loop with a wide except does, but not for ever.
for _ in range(2):
    try:
        while True:
            pass
    except BaseException:
        pass
