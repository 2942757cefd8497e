"""The only builder of adapters: settings in, a working service out."""
