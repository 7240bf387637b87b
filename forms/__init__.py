"""WHAT is asked, decided and printed: law and paper. Pure Python: no Qt, SQL, network, threads or clock."""
