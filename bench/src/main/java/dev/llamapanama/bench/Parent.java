package dev.llamapanama.bench;

/** The process that started this one. */
final class Parent {
    private static final String PROPERTY = "llamapanama.launcher.pid";

    private Parent() {}

    /** Ends this process when the launcher is gone; a launcher that is killed cannot end it itself. */
    static void watch() {
        Long launcher = Long.getLong(PROPERTY);
        if (launcher != null) {
            ProcessHandle.of(launcher).ifPresent(Parent::haltAfter);
        }
    }

    private static void haltAfter(ProcessHandle process) {
        var _ = process.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
    }
}
