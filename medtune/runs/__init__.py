"""Work that lasts longer than a click: processes of their own, progress, cancel, and the store of runs and cohorts."""
