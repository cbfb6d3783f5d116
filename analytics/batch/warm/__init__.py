"""Notebooks in processes forked from one that has already imported what they share, on Linux.

``zygote`` is that process and forks on request; ``child`` is what becomes of a fork: an IPython kernel that speaks over
a unix socket instead of zmq; ``manager`` stands where nbclient expects a kernel manager and client, so that cells are
run, timed and turned into outputs by nbclient's own code; ``entry`` holds the engines that papermill finds.
"""
