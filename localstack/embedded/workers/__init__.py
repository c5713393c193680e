"""How the embedded stack runs Python functions: one process an execution environment, as Lambda does.

Restores what ministack 1.5.33's own workers lack, each shown by a test in `tests/integration/emulator`:

- code and layers unpacked once and read-only, execute bits kept, a layer's `bin` on PATH (`code.py`);
- only the zip, the layers and the standard library on the path, AWS's names in the environment (`environment.py`);
- nothing a handler or its child processes print reaches the protocol; an error is named by its exception's class;
  the process stays warm after one; a worker's child processes die with it (`bootstrap.py`, `worker.py`);
- no fixed wait for log lines, idle environments end, running ones survive a deployment (`pool.py`).
"""
