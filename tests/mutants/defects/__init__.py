"""The mutants, by what they are about; each module has ``MUTANTS``."""
