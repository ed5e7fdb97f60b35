"""What tern's tests stand on: generated mail, real and scripted servers, a terminal. Each module begins with its manual."""
