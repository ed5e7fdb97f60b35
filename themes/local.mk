# the colour themes
