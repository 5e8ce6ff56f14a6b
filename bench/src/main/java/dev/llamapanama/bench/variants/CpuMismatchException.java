package dev.llamapanama.bench.variants;

/** A build needs instruction sets that this CPU lacks. */
final class CpuMismatchException extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * @param missing what the CPU lacks, as the engine says it
     */
    CpuMismatchException(String missing) {
        super("not on this CPU, which lacks " + missing);
    }
}
