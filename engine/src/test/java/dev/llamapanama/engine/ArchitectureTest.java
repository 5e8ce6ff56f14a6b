package dev.llamapanama.engine;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users see holds no native memory, and native code is called in few places. */
class ArchitectureTest {
    private static final String ENGINE = "dev.llamapanama.engine";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ENGINE);

    @Test
    void noPublicSignatureMentionsNativeMemory() {
        List<String> leaks = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            if (!type.getPackageName().equals(ENGINE) || !isVisible(type)) {
                continue;
            }
            Stream<JavaClass> parents =
                    Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
            parents.filter(ArchitectureTest::isNative)
                    .forEach(parent -> leaks.add(type.getName() + " is a " + parent.getName()));
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                if (isVisible(unit.getModifiers())
                        && Stream.of(
                                        Stream.of(unit.getRawReturnType()),
                                        unit.getRawParameterTypes().stream(),
                                        unit.getExceptionTypes().stream())
                                .flatMap(types -> types)
                                .anyMatch(ArchitectureTest::isNative)) {
                    leaks.add(unit.getFullName());
                }
            }
            for (JavaField field : type.getFields()) {
                if (isVisible(field.getModifiers()) && isNative(field.getRawType())) {
                    leaks.add(field.getFullName());
                }
            }
        }
        assertThat(CLASSES).hasSizeGreaterThan(40);
        assertThat(leaks).isEmpty();
    }

    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static boolean isNative(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        return name.startsWith("java.lang.foreign") || name.startsWith("dev.llamapanama.bindings");
    }

    @Test
    void generatedBindingsAreBehindTheSeam() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.llamapanama.bindings.ffi..")
                .check(CLASSES);
    }

    @Test
    void helpersDoNotKnowTheEngine() {
        noClasses()
                .that()
                .resideInAPackage(ENGINE + ".internal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ENGINE)
                .check(CLASSES);
    }

    @Test
    void publicClassesAreFinalOrSealed() {
        classes()
                .that()
                .resideInAPackage(ENGINE)
                .and()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotAssignableTo(LlamaException.class)
                .and()
                .areNotAssignableTo(OutputView.class)
                .and()
                .areNotEnums()
                .should(be(com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier(
                        JavaModifier.FINAL)))
                .check(CLASSES);
    }
}
