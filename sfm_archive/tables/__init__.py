"""Converting: events in the formats that analysts use, and ObsPy's way of reading event files.

CSV and ObsPy's reader need numpy, Parquet and HDF5 the extra `formats`, miniSEED the extra `obspy`. Nothing is
imported here, so that one format does not pay for the others.
"""
