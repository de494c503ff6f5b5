/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 9bb801aadcf3c258a28cfaf7ef0f8c305162c89a */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Kv___construct, 0, 0, 1)
	ZEND_ARG_TYPE_INFO(0, storage, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, rpc, RrEmbed\\Rpc, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_get, 0, 1, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_getMany, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, keys, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_set, 0, 2, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, value, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttl, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_setMany, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, values, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttl, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_add, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, value, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttl, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_increment, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, by, IS_LONG, 0, "1")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttlIfNew, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_compareAndSet, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, expected, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, new, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ttl, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_has, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Kv_hasMany arginfo_class_RrEmbed_Kv_getMany

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_delete, 0, 0, IS_VOID, 0)
	ZEND_ARG_VARIADIC_TYPE_INFO(0, keys, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_touch, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, ttl, IS_DOUBLE, 0)
	ZEND_ARG_VARIADIC_TYPE_INFO(0, keys, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_ttl, 0, 1, IS_DOUBLE, 1)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Kv_clear, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Kv, __construct);
ZEND_METHOD(RrEmbed_Kv, get);
ZEND_METHOD(RrEmbed_Kv, getMany);
ZEND_METHOD(RrEmbed_Kv, set);
ZEND_METHOD(RrEmbed_Kv, setMany);
ZEND_METHOD(RrEmbed_Kv, add);
ZEND_METHOD(RrEmbed_Kv, increment);
ZEND_METHOD(RrEmbed_Kv, compareAndSet);
ZEND_METHOD(RrEmbed_Kv, has);
ZEND_METHOD(RrEmbed_Kv, hasMany);
ZEND_METHOD(RrEmbed_Kv, delete);
ZEND_METHOD(RrEmbed_Kv, touch);
ZEND_METHOD(RrEmbed_Kv, ttl);
ZEND_METHOD(RrEmbed_Kv, clear);


static const zend_function_entry class_RrEmbed_Kv_methods[] = {
	ZEND_ME(RrEmbed_Kv, __construct, arginfo_class_RrEmbed_Kv___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, get, arginfo_class_RrEmbed_Kv_get, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, getMany, arginfo_class_RrEmbed_Kv_getMany, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, set, arginfo_class_RrEmbed_Kv_set, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, setMany, arginfo_class_RrEmbed_Kv_setMany, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, add, arginfo_class_RrEmbed_Kv_add, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, increment, arginfo_class_RrEmbed_Kv_increment, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, compareAndSet, arginfo_class_RrEmbed_Kv_compareAndSet, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, has, arginfo_class_RrEmbed_Kv_has, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, hasMany, arginfo_class_RrEmbed_Kv_hasMany, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, delete, arginfo_class_RrEmbed_Kv_delete, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, touch, arginfo_class_RrEmbed_Kv_touch, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, ttl, arginfo_class_RrEmbed_Kv_ttl, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Kv, clear, arginfo_class_RrEmbed_Kv_clear, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Kv(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Kv", class_RrEmbed_Kv_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
