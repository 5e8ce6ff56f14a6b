package dev.llamapanama.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Makes OpenMP's threads wait without spinning for long. libgomp's default is to spin for milliseconds at every barrier,
 * and a decode has hundreds: as soon as the JVM or a neighbour wants a core, that costs a factor (docs/adr/0009).
 */
final class OpenMpSpinning {
    /** Rounds of libgomp's waiting loop before a thread sleeps. */
    static final String SPIN_COUNT = "1000";

    private OpenMpSpinning() {}

    /**
     * Sets {@code GOMP_SPINCOUNT} unless the environment has it or {@code OMP_WAIT_POLICY}. libgomp reads it once, when
     * {@code libggml-base} brings it in, so this comes before the first library is loaded.
     */
    static void shorten() {
        if (System.getenv("OMP_WAIT_POLICY") != null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle setenv = linker.downcallHandle(
                linker.defaultLookup().find("setenv").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int keepOld = 0;
            int status = (int)
                    setenv.invokeExact(arena.allocateFrom("GOMP_SPINCOUNT"), arena.allocateFrom(SPIN_COUNT), keepOld);
            assert status == 0 : "setenv fails only for a bad name";
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
