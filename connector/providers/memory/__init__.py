"""Both products in memory: no sockets, no files, and the faults that matter.

They implement the protocols of ``base`` as the adapters do, which tests/contract
proves of all of them. What they hold are canonical values: nothing here speaks JSON but
the copy of a row that is kept before it is destroyed.
"""
