"""People in the picture: how they are cut out, dressed, how they walk and how they speak."""
