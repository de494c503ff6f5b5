/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: b2875774dbc5e2312b8f16f2d4bb4f53b1aef466 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Lock___construct, 0, 0, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, rpc, RrEmbed\\Rpc, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Lock_acquire, 0, 1, RrEmbed\\LockHandle, 1)
	ZEND_ARG_TYPE_INFO(0, resource, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttl, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, owner, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, shared, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Lock_exists, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, resource, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, owner, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Lock_forceRelease, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, resource, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Lock_restore, 0, 2, RrEmbed\\LockHandle, 0)
	ZEND_ARG_TYPE_INFO(0, resource, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, owner, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_LockHandle___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_LockHandle_refresh, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, ttl, IS_DOUBLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_LockHandle_release, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_LockHandle_detach, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Lock, __construct);
ZEND_METHOD(RrEmbed_Lock, acquire);
ZEND_METHOD(RrEmbed_Lock, exists);
ZEND_METHOD(RrEmbed_Lock, forceRelease);
ZEND_METHOD(RrEmbed_Lock, restore);
ZEND_METHOD(RrEmbed_LockHandle, __construct);
ZEND_METHOD(RrEmbed_LockHandle, refresh);
ZEND_METHOD(RrEmbed_LockHandle, release);
ZEND_METHOD(RrEmbed_LockHandle, detach);


static const zend_function_entry class_RrEmbed_Lock_methods[] = {
	ZEND_ME(RrEmbed_Lock, __construct, arginfo_class_RrEmbed_Lock___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Lock, acquire, arginfo_class_RrEmbed_Lock_acquire, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Lock, exists, arginfo_class_RrEmbed_Lock_exists, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Lock, forceRelease, arginfo_class_RrEmbed_Lock_forceRelease, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Lock, restore, arginfo_class_RrEmbed_Lock_restore, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_LockHandle_methods[] = {
	ZEND_ME(RrEmbed_LockHandle, __construct, arginfo_class_RrEmbed_LockHandle___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_LockHandle, refresh, arginfo_class_RrEmbed_LockHandle_refresh, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_LockHandle, release, arginfo_class_RrEmbed_LockHandle_release, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_LockHandle, detach, arginfo_class_RrEmbed_LockHandle_detach, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Lock(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Lock", class_RrEmbed_Lock_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_LockHandle(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "LockHandle", class_RrEmbed_LockHandle_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_resource_default_value;
	ZVAL_UNDEF(&property_resource_default_value);
	zend_string *property_resource_name = zend_string_init("resource", sizeof("resource") - 1, 1);
	zend_declare_typed_property(class_entry, property_resource_name, &property_resource_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_resource_name);

	zval property_owner_default_value;
	ZVAL_UNDEF(&property_owner_default_value);
	zend_string *property_owner_name = zend_string_init("owner", sizeof("owner") - 1, 1);
	zend_declare_typed_property(class_entry, property_owner_name, &property_owner_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_owner_name);

	zval property_fence_default_value;
	ZVAL_UNDEF(&property_fence_default_value);
	zend_string *property_fence_name = zend_string_init("fence", sizeof("fence") - 1, 1);
	zend_declare_typed_property(class_entry, property_fence_name, &property_fence_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_fence_name);

	return class_entry;
}
