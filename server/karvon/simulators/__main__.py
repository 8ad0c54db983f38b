"""`python -m karvon.simulators`: the same as `manage.py run_simulators`, without Django."""

from karvon.simulators.process import main

if __name__ == "__main__":
    main()
